'use client';

import { hydratedPage } from '../../ui/livePage';
import { ModelBrowser } from './ModelBrowser';

export const ModelsPage = hydratedPage(ModelBrowser);
